import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import BrokenIcon from '@mui/icons-material/BrokenImageOutlined';
import SearchOffIcon from '@mui/icons-material/SearchOff';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { allControls } from '@/controls/registry';
import { findPart, useComponentId, useDraftSelector, useEdit } from '@/draft';
import { DocumentError, type PageDocument } from '@/renderer/document';
import type { Json } from '@/values/json';
import { EmptyState } from '@/ui/EmptyState';
import { useTitle } from '@/ui/PageFrame';
import { replaceDocument } from './document/commands';
import { emptyPage, readPage } from './document/read';
import { Editor } from './Editor';

/** The editor of one page, which the address names. */
export function Component() {
  const { t } = useTranslation('pages');
  const component = useComponentId();
  const { page: id = '' } = useParams();
  const page = useDraftSelector(component, (doc) => findPart(doc, 'pages', id));
  useTitle(page?.title || id);
  if (page === undefined) {
    return (
      <EmptyState
        icon={<SearchOffIcon />}
        title={t('gone.title')}
        text={t('gone.text')}
        action={
          <Button variant="contained" component={Link} to={`/studio/${component}/pages`}>
            {t('gone.back')}
          </Button>
        }
      />
    );
  }
  return <OnePage key={id} component={component} id={id} title={page.title || id} json={page.document} />;
}

function OnePage({ component, id, title, json }: { component: string; id: string; title: string; json: Json | undefined }) {
  const read = useMemo(() => tryRead(json), [json]);
  if (read instanceof DocumentError) return <Broken component={component} id={id} title={title} error={read} isNew={json === undefined || json === null} />;
  return (
    <Box sx={{ height: '100%' }}>
      <Editor component={component} page={id} document={read} controls={allControls} />
    </Box>
  );
}

function tryRead(json: Json | undefined): PageDocument | DocumentError {
  try {
    return readPage(json);
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
}

/** A document that cannot be drawn: one that was never made, or that came broken from elsewhere. */
function Broken({ component, id, title, error, isNew }: { component: string; id: string; title: string; error: DocumentError; isNew: boolean }) {
  const { t } = useTranslation('pages');
  const edit = useEdit(component);
  return (
    <EmptyState
      icon={<BrokenIcon />}
      title={t(isNew ? 'broken.new' : 'broken.title')}
      text={isNew ? t('broken.newText') : t(`broken.${error.reason}`, { node: error.node })}
      action={
        <Button variant="contained" onClick={() => edit(replaceDocument(id, emptyPage('page', title)))}>
          {t('broken.start')}
        </Button>
      }
    />
  );
}
