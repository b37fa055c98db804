import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import CopyIcon from '@mui/icons-material/ContentCopyOutlined';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import TouchIcon from '@mui/icons-material/AdsClickOutlined';
import { memo, type ReactNode, useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useChecked } from '@/draft';
import type { PageNode } from '@/renderer/document';
import { EmptyState } from '@/ui/EmptyState';
import { useCell } from '../cell';
import { useEditor, useNode } from '../editor';
import { groupsOf } from './groups';
import { TextInput } from './inputs';
import { Labelled } from './Labelled';
import { problemsAt } from './problems';
import { Setting } from './Setting';
import { SpanEditor } from './SpanEditor';

/** Everything that can be said of the chosen control, drawn from what the control says of itself. */
export const PropertyPanel = memo(function PropertyPanel() {
  const { t } = useTranslation('pages');
  const { selection } = useEditor();
  const selected = useCell(selection);
  if (selected === undefined) return <EmptyState icon={<TouchIcon />} title={t('properties.nothing')} text={t('properties.nothingText')} />;
  return <NodeProperties key={selected} id={selected} />;
});

function NodeProperties({ id }: { id: string }) {
  const { t } = useTranslation(['pages', 'controls']);
  const editor = useEditor();
  const node = useNode(id);
  const checked = useChecked(editor.of.component);
  const problems = useMemo(() => problemsAt(checked?.problems ?? [], editor.of.page, id), [checked, editor, id]);
  if (node === undefined) return null;
  const control = editor.controls.get(node.type);
  const isRoot = id === editor.document.root;
  return (
    <>
      <Header id={id} node={node} title={control === undefined ? node.type : t(`${control.title}`)} isRoot={isRoot} />
      {problems.rest.length > 0 && (
        <Alert severity="error" sx={{ borderRadius: 0 }}>
          {problems.rest.join('; ')}
        </Alert>
      )}
      {control === undefined ? (
        <Typography variant="body2" sx={{ p: 2, color: 'text.secondary' }}>
          {t('properties.unknown', { type: node.type })}
        </Typography>
      ) : (
        groupsOf(control, isRoot).map(({ group, settings }) => (
          <Group key={group} title={t(`properties.${group}`)}>
            {settings.map(({ name, spec }) => (
              <Setting
                key={name}
                spec={spec}
                value={node.props[name]}
                settings={node.props}
                problems={problems.settings.get(name)}
                onChange={(value) => editor.setProp(id, name, value)}
              />
            ))}
            {group === 'layout' && !isRoot && <SpanEditor value={node.props.span} onChange={(span) => editor.setProp(id, 'span', span)} />}
          </Group>
        ))
      )}
      <Group title={t('properties.identity')}>
        <Labelled label={t('properties.name')} help={t('properties.nameHelp')}>
          {(labelled) => <TextInput id={labelled} value={node.name} maxLength={60} onChange={(name) => editor.rename(id, name)} />}
        </Labelled>
      </Group>
    </>
  );
}

function Header({ id, node, title, isRoot }: { id: string; node: PageNode; title: string; isRoot: boolean }) {
  const { t } = useTranslation('pages');
  const editor = useEditor();
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.5, px: 2, height: 56, borderBottom: 1, borderColor: 'divider' }}>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography variant="h3" component="h2" noWrap>
          {title}
        </Typography>
        <Typography variant="caption" component="p" noWrap sx={{ color: 'text.secondary' }}>
          {node.name}
        </Typography>
      </Box>
      {!isRoot && (
        <>
          <Tooltip title={t('do.duplicateShort')}>
            <IconButton aria-label={t('do.duplicateShort')} onClick={() => editor.duplicate(id)}>
              <CopyIcon fontSize="small" />
            </IconButton>
          </Tooltip>
          <Tooltip title={t('do.removeShort')}>
            <IconButton aria-label={t('do.removeShort')} onClick={() => editor.remove(id)}>
              <DeleteIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        </>
      )}
    </Box>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <Box role="group" aria-labelledby={id} sx={{ px: 2, py: 1.5, borderBottom: 1, borderColor: 'divider', display: 'grid', gap: 1.25 }}>
      <Typography id={id} variant="h3">
        {title}
      </Typography>
      {children}
    </Box>
  );
}
