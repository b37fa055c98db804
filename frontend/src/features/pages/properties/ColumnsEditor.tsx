import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import Collapse from '@mui/material/Collapse';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import ListItemText from '@mui/material/ListItemText';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import AddIcon from '@mui/icons-material/Add';
import CloseIcon from '@mui/icons-material/Close';
import DownIcon from '@mui/icons-material/KeyboardArrowDown';
import ExpandIcon from '@mui/icons-material/ChevronRight';
import UpIcon from '@mui/icons-material/KeyboardArrowUp';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isObject, type Json, type JsonObject } from '@/values/json';
import { expressionOf } from '@/renderer/bindings';
import { ActionEditor } from './ActionEditor';
import { changeColumn, columnFor, columnsOf, commandColumn, enableCommand, shiftColumn, titleOf, withAll } from './columns';
import { ExpressionField } from './ExpressionField';
import { Labelled } from './Labelled';
import { NumberInput, TextInput } from './inputs';
import { FieldPicker } from './pickers';
import { useFieldsOf, useRowEnv, useScope, useTarget } from './scope';

interface ColumnsEditorProps {
  label: string;
  component: string;
  value: Json | undefined;
  onChange: (value: Json) => void;
}

/** The columns of a grid: which, in which order, and what may be done with each. */
export function ColumnsEditor({ label, component, value, onChange }: ColumnsEditorProps) {
  const { t } = useTranslation('pages');
  const { component: own } = useScope();
  const page = useTarget('')?.pages?.find((one) => one.id !== undefined)?.id;
  const fields = useFieldsOf(component);
  const columns = columnsOf(value);
  const [open, setOpen] = useState<number>();
  const [menu, setMenu] = useState<HTMLElement | null>(null);
  const missing = fields.filter((field) => !columns.some((column) => column.field === field.name));
  const add = (added: readonly JsonObject[]) => {
    setMenu(null);
    onChange(added);
  };
  return (
    <Box role="group" aria-label={label} sx={{ display: 'grid', gap: 0.5 }}>
      {columns.map((column, index) => {
        const name = titleOf(column) || t('columns.unnamed');
        const expanded = open === index;
        return (
          <Box key={index} sx={{ border: 1, borderColor: 'divider', borderRadius: 1 }}>
            <Box sx={{ display: 'flex', alignItems: 'center' }}>
              <Button
                color="inherit"
                aria-expanded={expanded}
                onClick={() => setOpen(expanded ? undefined : index)}
                startIcon={<ExpandIcon sx={{ transform: expanded ? 'rotate(90deg)' : undefined }} />}
                sx={{ flex: 1, minWidth: 0, justifyContent: 'flex-start', px: 0.75, '& .MuiButton-startIcon': { mr: 0.5 } }}
              >
                <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
                  {name}
                </Box>
              </Button>
              <IconButton aria-label={t('columns.up', { name })} disabled={index === 0} onClick={() => onChange(shiftColumn(columns, index, -1))}>
                <UpIcon fontSize="inherit" />
              </IconButton>
              <IconButton aria-label={t('columns.down', { name })} disabled={index === columns.length - 1} onClick={() => onChange(shiftColumn(columns, index, 1))}>
                <DownIcon fontSize="inherit" />
              </IconButton>
              <IconButton aria-label={t('columns.remove', { name })} onClick={() => onChange(columns.toSpliced(index, 1))}>
                <CloseIcon fontSize="inherit" />
              </IconButton>
            </Box>
            <Collapse in={expanded} unmountOnExit>
              <ColumnForm component={component} column={column} onChange={(member, next) => onChange(changeColumn(columns, index, member, next))} />
            </Collapse>
          </Box>
        );
      })}
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.5 }}>
        <Button startIcon={<AddIcon />} disabled={missing.length === 0} onClick={(event) => setMenu(event.currentTarget)} aria-haspopup="menu">
          {t('columns.add')}
        </Button>
        {missing.length > 1 && <Button onClick={() => onChange(withAll(columns, fields))}>{t('columns.addAll')}</Button>}
        <Button onClick={() => onChange([...columns, commandColumn(t('columns.button'), own, page)])}>{t('columns.addButton')}</Button>
      </Box>
      <Menu anchorEl={menu} open={menu !== null} onClose={() => setMenu(null)}>
        {missing.map((field) => (
          <MenuItem key={field.name} onClick={() => add([...columns, columnFor(field)])}>
            <ListItemText primary={field.title || field.name} secondary={field.name} />
          </MenuItem>
        ))}
      </Menu>
    </Box>
  );
}

interface ColumnFormProps {
  component: string;
  column: JsonObject;
  onChange: (member: string, value: Json | undefined) => void;
}

function ColumnForm({ component, column, onChange }: ColumnFormProps) {
  const { t } = useTranslation('pages');
  return (
    <Box sx={{ display: 'grid', gap: 1, px: 1.25, pb: 1.25 }}>
      {isObject(column.command) ? (
        <CommandForm component={component} command={column.command} onChange={(command) => onChange('command', command)} />
      ) : (
        <Labelled label={t('columns.field')}>
          {(id) => <FieldPicker id={id} component={component} value={String(column.field ?? '')} onChange={(field) => onChange('field', field)} />}
        </Labelled>
      )}
      <Labelled label={t('columns.header')}>
        {(id) => <TextInput id={id} value={String(column.header ?? '')} onChange={(header) => onChange('header', header || undefined)} />}
      </Labelled>
      <Labelled label={t('columns.width')}>
        {(id) => (
          <NumberInput id={id} min={40} max={2000} value={typeof column.width === 'number' ? column.width : undefined} onChange={(width) => onChange('width', width)} />
        )}
      </Labelled>
      <Box sx={{ display: column.command === undefined ? 'flex' : 'none', gap: 1 }}>
        {(['sortable', 'filterable'] as const).map((flag) => (
          <FormControlLabel
            key={flag}
            control={<Checkbox size="small" checked={column[flag] === true} onChange={(event) => onChange(flag, event.target.checked || undefined)} />}
            label={t(`columns.${flag}`)}
            slotProps={{ typography: { variant: 'body2' } }}
          />
        ))}
      </Box>
    </Box>
  );
}

/** The button of a column of commands. */
function CommandForm({ component, command, onChange }: { component: string; command: JsonObject; onChange: (command: JsonObject) => void }) {
  const { t } = useTranslation('pages');
  const env = useRowEnv(component);
  return (
    <>
      <Labelled label={t('columns.label')}>
        {(id) => <TextInput id={id} value={String(command.label ?? '')} onChange={(label) => onChange({ ...command, label })} />}
      </Labelled>
      <Labelled label={t('columns.action')}>
        {(id) => <ActionEditor id={id} label={t('columns.action')} value={command.action} onChange={(action) => onChange({ ...command, action: action ?? null })} />}
      </Labelled>
      <Labelled label={t('columns.confirm')}>
        {(id) => <TextInput id={id} value={String(command.confirm ?? '')} onChange={(confirm) => onChange({ ...command, confirm })} />}
      </Labelled>
      <Labelled label={t('columns.enabled')} help={t('columns.enabledHelp')}>
        {() => (
          <ExpressionField
            label={t('columns.enabled')}
            value={expressionOf(command.enabled) ?? ''}
            expected={{ kind: 'bool' }}
            live={false}
            language={env}
            onChange={(text) => onChange(enableCommand(command, text))}
          />
        )}
      </Labelled>
    </>
  );
}
