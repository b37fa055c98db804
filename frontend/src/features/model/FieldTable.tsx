import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Tooltip from '@mui/material/Tooltip';
import DragIcon from '@mui/icons-material/DragIndicator';
import ErrorIcon from '@mui/icons-material/ErrorOutlined';
import WarningIcon from '@mui/icons-material/WarningAmberOutlined';
import { type KeyboardEvent, memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api';
import { kindOf } from '@/values/value';
import type { Finding, Findings } from './findings';
import { flags } from './rules';
import { useReorder } from './useReorder';

interface FieldTableProps {
  fields: readonly Field[];
  chosen: string | undefined;
  findings: Findings;
  mayWrite: boolean;
  onChoose: (id: string) => void;
  onMove: (id: string, to: number) => void;
}

/** The fields in their order, which is changed by dragging, or with the arrow keys on a row's handle. */
export function FieldTable({ fields, chosen, findings, mayWrite, onChoose, onMove }: FieldTableProps) {
  const { t } = useTranslation('model');
  return (
    <TableContainer component={Card}>
      <Table aria-label={t('title')}>
        <TableHead>
          <TableRow>
            <TableCell sx={{ width: 40, px: 0.5 }}>
              <Box component="span" sx={{ position: 'absolute', clipPath: 'inset(50%)' }}>
                {t('column.order')}
              </Box>
            </TableCell>
            <TableCell sx={{ pl: 0.5 }}>{t('column.field')}</TableCell>
            <TableCell>{t('column.type')}</TableCell>
            <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('column.marks')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {fields.map((field, index) => (
            <Row
              key={field.id}
              field={field}
              index={index}
              last={fields.length - 1}
              chosen={field.id === chosen}
              findings={findings.get(field.id ?? '')}
              mayWrite={mayWrite}
              onChoose={onChoose}
              onMove={onMove}
            />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

interface RowProps extends Pick<FieldTableProps, 'mayWrite' | 'onChoose' | 'onMove'> {
  field: Field;
  index: number;
  last: number;
  chosen: boolean;
  findings: readonly Finding[] | undefined;
}

const Row = memo(function Row({ field, index, last, chosen, findings, mayWrite, onChoose, onMove }: RowProps) {
  const { t } = useTranslation('model');
  const id = field.id ?? '';
  const { row, handle, dragging, edge } = useReorder<HTMLTableRowElement, HTMLButtonElement>(id, index, mayWrite, onMove);
  const name = field.title || field.name || '';
  const onKey = (event: KeyboardEvent) => {
    const to = index + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0);
    if (to === index) return;
    event.preventDefault();
    if (to >= 0 && to <= last) onMove(id, to);
  };
  return (
    <TableRow
      ref={row}
      hover
      selected={chosen}
      onClick={() => onChoose(id)}
      sx={{
        cursor: 'pointer', opacity: dragging ? 0.4 : 1, '&:last-child td, &:last-child th': { borderBottom: 0 },
        '& > *': { boxShadow: edge === null ? undefined : (theme) => `inset 0 ${edge === 'top' ? 2 : -2}px 0 ${(theme.vars ?? theme).palette.primary.main}` },
      }}
    >
      <TableCell sx={{ px: 0.5, py: 0 }}>
        {mayWrite && (
          <Tooltip title={t('dragHint')}>
            <IconButton ref={handle} aria-label={t('drag', { name })} aria-keyshortcuts="ArrowUp ArrowDown" onKeyDown={onKey} onClick={(e) => e.stopPropagation()} sx={{ cursor: 'grab', color: 'text.secondary' }}>
              <DragIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        )}
      </TableCell>
      <TableCell component="th" scope="row" sx={{ pl: 0.5 }}>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
          <ButtonBase aria-pressed={chosen} sx={{ display: 'block', textAlign: 'left', fontFamily: 'inherit', borderRadius: 1, '&.Mui-focusVisible': { outline: 2, outlineOffset: 2 } }}>
            <Box sx={{ fontSize: '0.8125rem', fontWeight: 600, overflowWrap: 'anywhere' }}>{name}</Box>
            <Box component="code" sx={{ fontSize: '0.75rem', color: 'text.secondary', overflowWrap: 'anywhere' }}>
              {field.name}
            </Box>
          </ButtonBase>
          <Marker findings={findings} />
        </Box>
      </TableCell>
      <TableCell>
        {t(`kind.${kindOf(field.type) ?? 'string'}`)}
        <Box component="code" sx={{ display: 'block', fontSize: '0.75rem', color: 'text.secondary' }}>
          {field.catalog?.component ?? field.array?.component}
        </Box>
      </TableCell>
      <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>
        <Box sx={{ display: 'flex', gap: 0.5, flexWrap: 'wrap' }}>
          {flags
            .filter((flag) => field[flag] === true)
            .map((flag) => (
              <Chip key={flag} variant="outlined" label={t(`flag.${flag}.short`)} />
            ))}
        </Box>
      </TableCell>
    </TableRow>
  );
});

function Marker({ findings }: { findings: readonly Finding[] | undefined }) {
  if (findings === undefined) return null;
  const warning = findings.every((finding) => finding.warning);
  const Icon = warning ? WarningIcon : ErrorIcon;
  const text = findings.map((finding) => finding.text).join('\n');
  return (
    <Tooltip title={text}>
      <Icon fontSize="small" color={warning ? 'warning' : 'error'} titleAccess={text} />
    </Tooltip>
  );
}
