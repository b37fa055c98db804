import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import MenuItem from '@mui/material/MenuItem';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import VerifiedIcon from '@mui/icons-material/VerifiedUserOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type AuditRecord } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { RowsSkeleton } from '@/ui/PageFrame';
import { Pager } from '@/ui/Pager';
import { useTimes } from '@/ui/times';
import { useVerify } from './useVerify';

/** Who called what that may change something, the newest first, and whether it is what it was. */
export function Component() {
  const { t } = useTranslation('access');
  const [pages, setPages] = useState<readonly string[]>(['']);
  const [subject, setSubject] = useState('');
  const users = api.useListUsersQuery({ pageSize: 200 });
  const { data, error, isLoading, refetch } = api.useListAuditRecordsQuery(
    { pageSize: 50, pageToken: pages.at(-1) ?? '', subject },
    { refetchOnMountOrArgChange: true, pollingInterval: 3000, skipPollingIfUnfocused: true }, // nobody tells of new records
  );
  const verify = useVerify();
  return (
    <>
      <Box sx={{ display: 'flex', gap: 2, mb: 2, flexWrap: 'wrap', alignItems: 'center' }}>
        <TextField
          select
          fullWidth={false}
          slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
          label={t('audit.who')}
          value={subject}
          onChange={(event) => {
            setSubject(event.target.value);
            setPages(['']);
          }}
          sx={{ width: 240 }}
        >
          <MenuItem value="">{t('audit.everybody')}</MenuItem>
          {users.data?.users?.map((user) => (
            <MenuItem key={user.id} value={user.id}>
              {user.displayName || user.email}
            </MenuItem>
          ))}
        </TextField>
        <Button variant="outlined" startIcon={<VerifiedIcon />} loading={verify.running} onClick={() => void verify.run()}>
          {t('audit.verify')}
        </Button>
      </Box>
      {verify.result !== undefined && (
        <Alert severity={verify.result.problem === '' ? 'success' : 'error'} sx={{ mb: 2 }}>
          {verify.result.problem === '' ? t('audit.intact', verify.result) : t('audit.tampered', verify.result)}
        </Alert>
      )}
      <ErrorNotice error={verify.error} onRetry={() => void verify.run()} />
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isLoading && <RowsSkeleton />}
      {data !== undefined && (data.records ?? []).length === 0 && <Typography sx={{ color: 'text.secondary' }}>{t('audit.none')}</Typography>}
      {data !== undefined && (data.records ?? []).length > 0 && (
        <TableContainer component={Card}>
          <Table size="small" aria-label={t('tab.audit')}>
            <TableHead>
              <TableRow>
                <TableCell>{t('audit.when')}</TableCell>
                <TableCell>{t('audit.who')}</TableCell>
                <TableCell>{t('audit.what')}</TableCell>
                <TableCell>{t('audit.outcome')}</TableCell>
                <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>{t('audit.from')}</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {data.records?.map((record) => (
                <Row key={record.id} record={record} />
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
      <Pager pages={pages} next={data?.nextPageToken} onGo={setPages} />
    </>
  );
}

function Row({ record }: { record: AuditRecord }) {
  const when = useTimes();
  return (
    <TableRow sx={{ '&:last-child td': { borderBottom: 0 } }}>
      <TableCell sx={{ whiteSpace: 'nowrap' }}>{when(record.createTime)}</TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere' }}>{record.displayName || record.subject}</TableCell>
      <TableCell>
        <Typography variant="body2">{record.action}</Typography>
        <Typography variant="caption" sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>
          {record.target}
        </Typography>
      </TableCell>
      <TableCell>
        <Outcome code={record.outcome ?? 0} />
      </TableCell>
      <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>{record.address}</TableCell>
    </TableRow>
  );
}

/** How a call ended, with the status of HTTP; what was noted with its change has none and was done. */
function Outcome({ code }: { code: number }) {
  const { t } = useTranslation('access');
  if (code === 102) return <Chip variant="outlined" label={t('audit.underWay')} />;
  if (code < 400) return <Chip variant="outlined" color="success" label={t('audit.done')} />;
  return <Chip variant="outlined" color={code < 500 ? 'warning' : 'error'} label={t(code < 500 ? 'audit.refused' : 'audit.failed', { code })} />;
}
