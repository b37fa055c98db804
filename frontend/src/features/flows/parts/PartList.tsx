import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import IconButton from '@mui/material/IconButton';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemText from '@mui/material/ListItemText';
import Tooltip from '@mui/material/Tooltip';
import AddIcon from '@mui/icons-material/Add';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import ErrorIcon from '@mui/icons-material/Error';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useSession } from '@/api/session';
import { addPart, type Part, type PartKind, partsOf, removePart, useChecked, useComponentId, useDraftSelector, useEdit } from '@/draft';
import { EmptyState } from '@/ui/EmptyState';
import { PageFrame } from '@/ui/PageFrame';
import { AskName } from './AskName';

/** The kinds of part that are edited here. */
export type FlowKind = Exclude<PartKind, 'pages'>;

interface PartListProps<K extends FlowKind> {
  kind: K;
  icon: ReactNode;
  /** A new part with this id and title. */
  make: (id: string, title: string, component: string) => Part<K>;
  /** What a part consists of, in a few words. */
  describe: (part: Part<K>) => string;
}

/** The parts of a kind: open one, add one, remove one. */
export function PartList<K extends FlowKind>({ kind, icon, make, describe }: PartListProps<K>) {
  const { t } = useTranslation('flows');
  const id = useComponentId();
  const parts = useDraftSelector(id, (doc) => doc[kind]) as readonly Part<K>[] | undefined;
  const checked = useChecked(id);
  const edit = useEdit(id);
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const mayWrite = useSession().can('components.write', id);
  const all = parts ?? partsOf({}, kind);
  const add = mayWrite && (
    <Button variant="contained" startIcon={<AddIcon />} onClick={() => setAdding(true)}>
      {t(`${kind}.add`)}
    </Button>
  );
  return (
    <PageFrame title={t(`${kind}.title`)} text={t(`${kind}.text`)} actions={all.length > 0 && add}>
      {adding && (
        <AskName
          title={t(`${kind}.add`)}
          taken={all.map((part) => part.id ?? '')}
          onClose={() => setAdding(false)}
          onDone={(part, title) => {
            edit(addPart(kind, make(part, title, id)));
            void navigate(part);
          }}
        />
      )}
      <Card>
        {all.length === 0 && <EmptyState icon={icon} title={t(`${kind}.none`)} text={t(`${kind}.noneText`)} action={add} />}
        {all.length > 0 && (
          <List disablePadding>
            {all.map((part) => {
              const name = part.title || part.id || '';
              const wrong = (checked?.problems ?? []).filter((problem) => problem.path?.startsWith(`${kind}/${part.id}/`)).length;
              return (
                <ListItem
                  key={part.id}
                  disablePadding
                  divider
                  sx={{ '&:last-child': { border: 0 } }}
                  secondaryAction={
                    mayWrite && (
                      <Tooltip title={t('remove')}>
                        <IconButton edge="end" aria-label={t('removeOne', { name })} onClick={() => edit(removePart(kind, part.id ?? ''))}>
                          <DeleteIcon fontSize="small" />
                        </IconButton>
                      </Tooltip>
                    )
                  }
                >
                  <ListItemButton component={Link} to={encodeURIComponent(part.id ?? '')} sx={{ borderRadius: 0, gap: 1 }}>
                    <ListItemText
                      primary={name}
                      secondary={`${part.id} · ${describe(part)}`}
                      slotProps={{ primary: { variant: 'body1', sx: { fontWeight: 600 } }, secondary: { variant: 'body2' } }}
                    />
                    {wrong > 0 && <ErrorIcon color="error" sx={{ fontSize: 16 }} titleAccess={t('problems', { count: wrong })} />}
                  </ListItemButton>
                </ListItem>
              );
            })}
          </List>
        )}
      </Card>
    </PageFrame>
  );
}
