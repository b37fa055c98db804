import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/api';
import { nameFrom } from '@/draft';
import type { Json } from '@/values/json';
import { Group } from './basic';
import { ExpressionField } from './ExpressionField';
import type { Language } from './language';
import { readLoose, writeLoose } from './loose';
import { addPairs, type Pairs, removePair, renamePair } from './pairs';

interface MappingProps {
  label: string;
  help?: string | undefined;
  value: Pairs<Json | undefined>;
  onChange: (value: Pairs<Json | undefined> | undefined) => void;
  /** Names that the left side may have. */
  names: readonly string[];
  /** The expression that takes a field over as it is; offers to do so for all names. */
  same?: ((name: string) => string) | undefined;
  /** Expressions are texts; without, a value may be any JSON. */
  texts: boolean;
  problems: (name: string) => readonly Problem[];
  /** What the expressions may name, if that is known. */
  language?: Language | undefined;
  readOnly?: boolean;
}

/** Names on the left, what they get on the right. */
export function Mapping({ label, help, value, onChange, names, same, texts, problems, language, readOnly = false }: MappingProps) {
  const { t } = useTranslation('flows');
  const rows = Object.entries(value);
  const missing = names.filter((name) => !(name in value));
  const change = (next: Pairs<Json | undefined>) => onChange(Object.keys(next).length === 0 ? undefined : next);
  return (
    <Group title={label} help={help}>
      {rows.map(([name, of], i) => (
        <Row
          key={i}
          name={name}
          value={of}
          names={missing}
          texts={texts}
          language={language}
          readOnly={readOnly}
          error={problems(name)[0]?.message}
          taken={(other) => other in value}
          onRename={(to) => change(renamePair(value, name, to))}
          onChange={(next) => change({ ...value, [name]: next ?? '' })}
          onRemove={() => change(removePair(value, name))}
        />
      ))}
      <Box sx={{ display: 'flex', gap: 1 }}>
        <Button startIcon={<AddIcon />} onClick={() => change({ ...value, [missing[0] ?? nameFrom('field', Object.keys(value))]: same?.(missing[0] ?? '') ?? '' })}>
          {t('field.addRow')}
        </Button>
        {same !== undefined && missing.length > 1 && (
          <Button color="inherit" onClick={() => change(addPairs(value, missing, same))}>
            {t('field.addAll', { count: missing.length })}
          </Button>
        )}
      </Box>
    </Group>
  );
}

interface RowProps {
  name: string;
  value: Json | undefined;
  names: readonly string[];
  texts: boolean;
  language: Language | undefined;
  readOnly: boolean;
  error: string | undefined;
  taken: (name: string) => boolean;
  onRename: (name: string) => void;
  onChange: (value: Json | undefined) => void;
  onRemove: () => void;
}

const mono = {
  '& textarea, & input': { fontFamily: 'var(--aqtra-mono)', fontSize: '0.75rem', lineHeight: 1.5 },
  '& .MuiInputBase-multiline': { px: 1, py: '8.5px' },
  '& .MuiAutocomplete-inputRoot.MuiOutlinedInput-root': { px: 0.25, py: '6px' },
};

function Row({ name, value, names, texts, language, readOnly, error, taken, onRename, onChange, onRemove }: RowProps) {
  const { t } = useTranslation('flows');
  const [typedName, setName] = useState<string>();
  const [typed, setTyped] = useState<string>();
  const [bad, setBad] = useState(false);
  const shown = typed ?? (texts && typeof value === 'string' ? value : writeLoose(value));
  const settle = (next: string | undefined) => {
    if (next !== undefined && next !== '' && next !== name && !taken(next)) onRename(next);
    setName(undefined);
  };
  const type = (text: string) => {
    setTyped(text);
    try {
      onChange(texts ? text : readLoose(text));
      setBad(false);
    } catch {
      setBad(true);
    }
  };
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 3fr) 26px', gap: 0.5, alignItems: 'start' }}>
      <Autocomplete
        freeSolo
        disableClearable
        size="small"
        options={[...names]}
        inputValue={typedName ?? name}
        value={name}
        onInputChange={(_, next, why) => why !== 'reset' && setName(next)}
        onChange={(_, next) => settle(next)}
        onBlur={() => settle(typedName)}
        renderInput={(params) => (
          <TextField {...params} sx={mono} slotProps={{ ...params.slotProps, htmlInput: { ...params.slotProps.htmlInput, 'aria-label': t('field.rowName', { name }) } }} />
        )}
      />
      {texts && language !== undefined ? (
        <ExpressionField bare label={t('field.rowValue', { name })} value={shown} error={error} language={language} readOnly={readOnly} onChange={onChange} />
      ) : (
        <TextField
          multiline
          maxRows={6}
          value={shown}
          sx={mono}
          error={bad || error !== undefined}
          helperText={bad ? t('field.json') : error}
          onBlur={() => !bad && setTyped(undefined)}
          onChange={(event) => type(event.target.value)}
          slotProps={{ htmlInput: { 'aria-label': t('field.rowValue', { name }), spellCheck: false } }}
        />
      )}
      <IconButton aria-label={t('field.removeRow', { name })} onClick={onRemove} sx={{ mt: 0.25 }}>
        <CloseIcon sx={{ fontSize: 16 }} />
      </IconButton>
    </Box>
  );
}
