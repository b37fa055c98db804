import Box from '@mui/material/Box';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import { formatValue } from '@/values/format';
import { isObject, type Json } from '@/values/json';
import { systemFields } from '@/values/record';
import { kindOf, type Value } from '@/values/value';
import { decode, decodeUntyped } from '@/values/wire';

interface ValuesProps {
  values: Json | undefined;
  /** What is known of the values; others are shown as they are. */
  fields?: readonly Field[];
}

/** Shows the members of an object with their names, in the order of the fields. */
export function Values({ values, fields = [] }: ValuesProps) {
  const { i18n } = useTranslation();
  if (!isObject(values)) return values === undefined || values === null ? null : <Box>{formatValue(decodeUntyped(values), i18n.language)}</Box>;
  const names = [...fields.map((field) => field.name ?? ''), ...Object.keys(values).sort()];
  const shown = [...new Set(names)].filter((name) => values[name] !== undefined && !systemFields.some((one) => one === name));
  return (
    <Box component="dl" sx={{ display: 'grid', gridTemplateColumns: 'minmax(90px, auto) minmax(0, 1fr)', columnGap: 2, rowGap: 0.75, m: 0, fontSize: '0.8125rem' }}>
      {shown.map((name) => {
        const field = fields.find((one) => one.name === name);
        return (
          <Box key={name} sx={{ display: 'contents' }}>
            <Box component="dt" sx={{ color: 'text.secondary' }}>
              {field?.title || name}
            </Box>
            <Box component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
              {formatValue(typed(values[name] ?? null, field), i18n.language, field) || '–'}
            </Box>
          </Box>
        );
      })}
    </Box>
  );
}

function typed(json: Json, field: Field | undefined): Value {
  const kind = kindOf(field?.type);
  try {
    return kind === undefined ? decodeUntyped(json) : decode(json, kind);
  } catch {
    return decodeUntyped(json); // an older value than the model is
  }
}
