import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import { useEdit, useWholeDraft } from '@/draft';
import { setText } from './commands';
import { RenameField } from './RenameField';
import { nameError } from './rules';
import { Setting } from './Setting';

interface FieldNameProps {
  component: string;
  field: Field;
  others: readonly string[];
  problem: string | undefined;
}

/** The name of a field. That of a saved one may be in use: it changes only when it is typed to its end, and everywhere. */
export function FieldName({ component, field, others, problem }: FieldNameProps) {
  const { t } = useTranslation('model');
  const edit = useEdit(component);
  const { base } = useWholeDraft(component);
  const [typed, setTyped] = useState<string>();
  const [asking, setAsking] = useState(false);
  const id = field.id ?? '';
  const name = field.name ?? '';
  const check = (text: string) => {
    const wrong = nameError(text, others);
    return wrong && t(`nameError.${wrong}`);
  };
  const only = (text: string) => edit(setText(id, 'name', text));
  if (base.model?.fields?.some((one) => one.id === id) !== true) {
    return <Setting label={t('setting.name')} value={name} mono check={check} problem={problem} onSet={only} />;
  }
  const error = typed === undefined ? problem : check(typed);
  const commit = () => {
    if (typed === undefined || error !== undefined) return;
    if (typed === name) setTyped(undefined);
    else setAsking(true);
  };
  const done = () => {
    setAsking(false);
    setTyped(undefined);
  };
  return (
    <>
      <TextField
        label={t('setting.name')}
        value={typed ?? name}
        error={error !== undefined}
        helperText={error}
        onChange={(e) => setTyped(e.target.value)}
        onBlur={commit}
        onKeyDown={(e) => {
          if (e.key === 'Enter') commit();
          if (e.key === 'Escape') setTyped(undefined);
        }}
        slotProps={{ htmlInput: { spellCheck: false, autoCapitalize: 'none' }, input: { sx: { '& .MuiInputBase-input': { fontFamily: 'var(--aqtra-mono)' } } } }}
      />
      {asking && typed !== undefined && (
        <RenameField component={component} field={field} name={typed} onOnly={() => only(typed)} onClose={done} />
      )}
    </>
  );
}
