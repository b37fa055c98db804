import Button from '@mui/material/Button';
import Popover from '@mui/material/Popover';
import Typography from '@mui/material/Typography';
import Box from '@mui/material/Box';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSelector } from 'react-redux';
import { type DraftsRoot, useSaving } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';

/** Where the draft stands, in a word; with the reason where it could not be saved. */
export function SaveState({ component, onRetry }: { component: string; onRetry: () => void }) {
  const { t } = useTranslation('studio');
  const saving = useSaving(component);
  const error = useSelector((root: DraftsRoot) => root.drafts?.[component]?.error);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  if (saving !== 'offline' && saving !== 'refused') {
    return (
      <Typography variant="caption" role="status" noWrap sx={{ color: 'text.secondary', flexShrink: 0, ml: 0.5 }}>
        {t(`saving.${saving}`)}
      </Typography>
    );
  }
  return (
    <>
      <Box role="status" sx={{ flexShrink: 0 }}>
        <Button aria-haspopup="dialog" color={saving === 'offline' ? 'warning' : 'error'} sx={{ minHeight: 24, py: 0, fontSize: '0.75rem' }} onClick={(e) => setAnchor(e.currentTarget)}>
          {t(`saving.${saving}`)}
        </Button>
      </Box>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }}>
        <Box sx={{ p: 2, maxWidth: 420, display: 'grid', gap: 1 }}>
          <Typography variant="body2">{t(`saving.${saving}Text`)}</Typography>
          <ErrorNotice error={error} {...(saving === 'offline' && { onRetry })} />
          {(error?.violations.length ?? 0) > 0 && (
            <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: '0.8125rem' }}>
              {error?.violations.map((violation) => (
                <li key={violation.field}>
                  <code>{violation.field}</code> {violation.description}
                </li>
              ))}
            </Box>
          )}
        </Box>
      </Popover>
    </>
  );
}
