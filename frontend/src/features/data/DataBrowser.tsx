import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import DataIcon from '@mui/icons-material/TableRowsOutlined';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Field } from '@/api';
import { allControls } from '@/controls/registry';
import { useComponentId } from '@/draft';
import { DocumentStore } from '@/renderer/document';
import { EntryForm } from '@/renderer/form';
import { PlaceContext } from '@/renderer/place';
import { Renderer } from '@/renderer/Renderer';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { gridDocument } from './documents';
import { EntryDialog } from './EntryDialog';
import { hostOf } from './host';

/** All entries of a component as it is live: found, ordered, made, changed and deleted. */
export function Component() {
  const { t } = useTranslation('data');
  const id = useComponentId();
  const { data, error, isLoading, refetch } = api.useListPublishedComponentsQuery();
  const fields = data?.components?.find((one) => one.id === id)?.model?.fields ?? [];
  const publish = (
    <Button component={Link} to={`/studio/${id}/publish`} variant="contained">
      {t('publish')}
    </Button>
  );
  return (
    <Box sx={{ p: { xs: 2, sm: 3 } }}>
      <Typography variant="h1" sx={{ mb: 2 }}>
        {t('title')}
      </Typography>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isLoading && <RowsSkeleton rows={8} />}
      {data !== undefined && fields.length === 0 && <EmptyState icon={<DataIcon />} title={t('notLive')} text={t('notLiveText')} action={publish} />}
      {fields.length > 0 && <Entries component={id} fields={fields} />}
    </Box>
  );
}

function Entries({ component, fields }: { component: string; fields: readonly Field[] }) {
  // Empty is a new entry.
  const [open, setOpen] = useState<string>();
  const store = useMemo(() => new DocumentStore(gridDocument(component, fields)), [component, fields]);
  const host = useMemo(
    () =>
      hostOf(new EntryForm([]), async (action, _node, record) => {
        if (action.type === 'add-record') setOpen('');
        if (action.type === 'edit-record' && typeof record?.id === 'string') setOpen(record.id);
      }),
    [],
  );
  const place = useMemo(() => ({ component, entry: undefined }), [component]);
  return (
    <PlaceContext.Provider value={place}>
      <Renderer store={store} host={host} controls={allControls} />
      {open !== undefined && <EntryDialog component={component} fields={fields} entry={open} onClose={() => setOpen(undefined)} />}
    </PlaceContext.Provider>
  );
}
