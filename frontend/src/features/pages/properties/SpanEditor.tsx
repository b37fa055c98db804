import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { isObject, type Json } from '@/values/json';
import { Choice } from './inputs';
import { Labelled } from './Labelled';

const widths = Array.from({ length: 12 }, (_, i) => ({ value: String(i + 1), label: String(i + 1) }));

/** How many of twelve columns a control takes, by the width of what it stands in. */
export function SpanEditor({ value, onChange }: { value: Json | undefined; onChange: (value: Json | undefined) => void }) {
  const { t } = useTranslation('pages');
  const heading = useId();
  const span = isObject(value) ? value : {};
  const set = (device: string, columns: string) => {
    const next = Object.entries({ ...span, [device]: columns === '' ? undefined : Number(columns) }).filter(([, one]) => one !== undefined);
    onChange(next.length === 0 ? undefined : Object.fromEntries(next));
  };
  return (
    <Box role="group" aria-labelledby={heading} sx={{ display: 'grid', gridTemplateColumns: 'repeat(3, 1fr)', columnGap: 1 }}>
      <Typography id={heading} variant="caption" sx={{ gridColumn: '1 / -1', color: 'text.secondary' }}>
        {t('span.label')}
      </Typography>
      {(['phone', 'tablet', 'desktop'] as const).map((device) => (
        <Labelled key={device} label={t(`device.${device}`)}>
          {(id) => (
            <Choice id={id} value={typeof span[device] === 'number' ? String(span[device]) : ''} none={t('span.auto')} options={widths} onChange={(columns) => set(device, columns)} />
          )}
        </Labelled>
      ))}
    </Box>
  );
}
