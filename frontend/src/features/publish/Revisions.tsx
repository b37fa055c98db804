import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlannedComponent } from '@/api';
import { RevisionChanges } from '@/ui/RevisionChanges';

/** Which revisions go live, or went, and what they change. */
export function Revisions({ components }: { components: readonly PlannedComponent[] }) {
  const { t } = useTranslation('publish');
  const [open, setOpen] = useState('');
  const say = (revision: string | undefined) => (revision === undefined || revision === '0' ? t('notLive') : t('revision', { revision }));
  return (
    <TableContainer component={Card}>
      <Table aria-label={t('components')}>
        <TableHead>
          <TableRow>
            <TableCell>{t('column.component')}</TableCell>
            <TableCell>{t('column.before')}</TableCell>
            <TableCell>{t('column.after')}</TableCell>
            <TableCell>{t('column.changes')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {components.map(({ component = '', fromRevision: from = '0', toRevision: to = '0' }) => (
            <Fragment key={component}>
              <TableRow sx={open === component ? { '& td, & th': { borderBottom: 0 } } : { '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
                <TableCell component="th" scope="row" sx={{ fontWeight: 600 }}>
                  {component}
                </TableCell>
                <TableCell>{say(from)}</TableCell>
                <TableCell>{say(to)}</TableCell>
                <TableCell sx={{ py: 0 }}>
                  {from !== '0' && to !== '0' && from !== to && (
                    <Button aria-expanded={open === component} aria-label={t('differences.changesOf', { component })} onClick={() => setOpen(open === component ? '' : component)}>
                      {t(open === component ? 'differences.hide' : 'differences.show')}
                    </Button>
                  )}
                </TableCell>
              </TableRow>
              {open === component && (
                <TableRow sx={{ '&:last-child td': { borderBottom: 0 } }}>
                  <TableCell colSpan={4} sx={{ pt: 0 }}>
                    <RevisionChanges component={component} from={from} to={to} />
                  </TableCell>
                </TableRow>
              )}
            </Fragment>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
