import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { expressionOf } from '@/renderer/bindings';
import { isObject, type Json, type JsonObject } from '@/values/json';
import { asExpression, asLiteral } from './expression';
import { FxButton } from './FxButton';
import { TextInput } from './inputs';

interface MappingEditorProps {
  label: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  /** Names to offer. */
  names?: readonly string[];
}

/** Named values, each fixed or an expression. */
export function MappingEditor({ label, value, onChange, names = [] }: MappingEditorProps) {
  const { t } = useTranslation('pages');
  const list = useId();
  const entries = Object.entries(isObject(value) ? value : {});
  const put = (next: readonly (readonly [string, Json | undefined])[]) => onChange(next.length === 0 ? undefined : Object.fromEntries(next));
  const replace = (index: number, entry: readonly [string, Json | undefined]) => {
    // Two of one name would be one.
    if (entries.some(([name], i) => i !== index && name === entry[0])) return;
    put(entries.with(index, [entry[0], entry[1]]));
  };
  const free = names.find((name) => !entries.some(([taken]) => taken === name)) ?? freeName(entries);
  return (
    <Box role="group" aria-label={label} sx={{ display: 'grid', gap: 0.75 }}>
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {entries.map(([name, setting], index) => {
        const text = expressionOf(setting);
        const bound = text !== undefined;
        const shown = bound ? text : typeof setting === 'string' ? setting : JSON.stringify(setting);
        return (
          <Box key={index} sx={{ display: 'grid', gridTemplateColumns: '2fr 3fr auto auto', gap: 0.5, alignItems: 'start' }}>
            <TextInput label={t('mapping.name')} value={name} list={list} onChange={(next) => replace(index, [next, setting])} />
            <TextInput
              label={t('mapping.value', { name })}
              value={shown}
              mono={bound}
              multiline={bound}
              onChange={(next) => replace(index, [name, bound ? { $expr: next } : next])}
            />
            <Box sx={{ pt: 0.75 }}>
              <FxButton
                label={name}
                bound={bound}
                onToggle={() => replace(index, [name, bound ? (asLiteral(text) ?? '') : { $expr: asExpression(setting, '') }])}
              />
            </Box>
            <IconButton aria-label={t('mapping.remove', { name })} onClick={() => put(entries.toSpliced(index, 1))}>
              <CloseIcon fontSize="inherit" />
            </IconButton>
          </Box>
        );
      })}
      <Button startIcon={<AddIcon />} onClick={() => put([...entries, [free, { $expr: '""' }]])} sx={{ justifySelf: 'start' }}>
        {t('mapping.add')}
      </Button>
    </Box>
  );
}

function freeName(entries: readonly (readonly [string, Json | undefined])[]): string {
  for (let n = 1; ; n++) if (!entries.some(([name]) => name === `value${n}`)) return `value${n}`;
}

/** A mapping without the names that are undefined. */
export function settled(mapping: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
}
