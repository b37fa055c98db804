import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useTranslation } from 'react-i18next';

interface PagerProps {
  /** Tokens of the pages up to the one that is shown; the first is empty. */
  pages: readonly string[];
  next: string | undefined;
  onGo: (pages: readonly string[]) => void;
}

/** Goes through a long list page by page; nothing for a short one. */
export function Pager({ pages, next = '', onGo }: PagerProps) {
  const { t } = useTranslation('ui');
  if (next === '' && pages.length === 1) return null;
  return (
    <Box sx={{ display: 'flex', gap: 1, mt: 1, justifyContent: 'flex-end' }}>
      <Button disabled={pages.length === 1} onClick={() => onGo(pages.slice(0, -1))}>
        {t('back')}
      </Button>
      <Button disabled={next === ''} onClick={() => onGo([...pages, next])}>
        {t('next')}
      </Button>
    </Box>
  );
}
