import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation } from 'react-router';
import { useSession } from '@/api/session';
import { PageFrame } from '@/ui/PageFrame';

const tabs = ['users', 'roles', 'keys', 'audit', 'organization'] as const;

/** What one must be allowed to see a tab; the others are for everyone who comes here. */
const needs: Partial<Record<(typeof tabs)[number], string>> = { audit: 'audit.read', organization: 'tenant.delete' };

/** Users, roles, keys, the audit and the organization itself, one tab each. */
export function Component() {
  const { t } = useTranslation('access');
  const { pathname } = useLocation();
  const session = useSession();
  const here = tabs.find((tab) => pathname.endsWith(`/${tab}`)) ?? 'users';
  return (
    <PageFrame title={t('nav')} text={t('text')}>
      <Box component="nav" aria-label={t('nav')} sx={{ display: 'flex', gap: 0.5, mb: 3, borderBottom: 1, borderColor: 'divider' }}>
        {tabs.filter((tab) => session.can(needs[tab] ?? 'users.read')).map((tab) => (
          <ButtonBase
            key={tab}
            component={Link}
            to={tab}
            aria-current={tab === here ? 'page' : undefined}
            sx={{
              px: 1.5, py: 1, mb: '-1px', fontSize: '0.8125rem', fontWeight: 500, borderBottom: 2, borderColor: 'transparent', color: 'text.secondary',
              '&[aria-current]': { color: 'primary.main', borderColor: 'primary.main' },
              '&.Mui-focusVisible': { bgcolor: 'action.focus' },
            }}
          >
            {t(`tab.${tab}`)}
          </ButtonBase>
        ))}
      </Box>
      <Outlet />
    </PageFrame>
  );
}
