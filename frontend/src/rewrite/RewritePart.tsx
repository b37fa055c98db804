import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { componentsApi } from '@/api/components';
import type { PartKind } from '@/draft';
import { FormDialog } from '@/ui/FormDialog';
import { Told } from './Told';
import { useRewrite } from './useRewrite';

const kinds = {
  pages: 'RENAME_KIND_PAGE',
  dataflows: 'RENAME_KIND_DATAFLOW',
  workflows: 'RENAME_KIND_WORKFLOW',
  scripts: 'RENAME_KIND_SCRIPT',
} as const;

interface RewritePartProps {
  how: 'rename' | 'move';
  component: string;
  kind: PartKind;
  id: string;
  onClose: () => void;
}

/** Gives a saved part another name, or puts it into another component, after telling all that changes with it. */
export function RewritePart({ how, component, kind, id, onClose }: RewritePartProps) {
  const { t } = useTranslation('rewrite');
  const navigate = useNavigate();
  const [wanted, setWanted] = useState(how === 'rename' ? id : '');
  const [rename] = api.useRenameMutation();
  const [move] = api.useMoveMutation();
  const { told, error, busy, tell, make, forget } = useRewrite(component, (asked) => {
    const body = { kind: kinds[kind], target: id, ...asked };
    return how === 'rename' ? rename({ component, body: { ...body, name: wanted } }) : move({ component, body: { ...body, to: wanted } });
  });
  const choose = (next: string) => {
    setWanted(next);
    forget();
  };
  const submit = async () => {
    if (told === undefined) return tell();
    if (!(await make())) return forget();
    onClose();
    const [place, name] = how === 'rename' ? [component, wanted] : [wanted, id];
    void navigate(`/studio/${place}/${kind}/${name}`);
  };
  return (
    <FormDialog
      title={t(`${how}.title`, { name: id })}
      action={told === undefined ? t('tell') : t(`${how}.do`)}
      wide
      busy={busy}
      error={error}
      onClose={onClose}
      onSubmit={() => {
        if (wanted !== '' && wanted !== id) void submit();
      }}
    >
      {how === 'rename' ? (
        <TextField
          autoFocus
          label={t('rename.name')}
          helperText={t('rename.help')}
          value={wanted}
          onChange={(event) => choose(event.target.value)}
          slotProps={{ htmlInput: { maxLength: 60, spellCheck: false, autoCapitalize: 'none' } }}
        />
      ) : (
        <Components but={component} value={wanted} onChange={choose} />
      )}
      <Told told={told} error={error} />
    </FormDialog>
  );
}

function Components({ but, value, onChange }: { but: string; value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation('rewrite');
  const { data } = componentsApi.useAllComponentsQuery();
  const others = (data ?? []).filter((one) => one.id !== but);
  return (
    <TextField
      select
      label={t('move.to')}
      helperText={data !== undefined && others.length === 0 ? t('move.none') : t('move.help')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {others.map((one) => (
        <MenuItem key={one.id} value={one.id}>
          {one.displayName || one.id}
        </MenuItem>
      ))}
    </TextField>
  );
}
