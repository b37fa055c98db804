import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import SwapIcon from '@mui/icons-material/SwapVert';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Component, Dataflow, Problem, Spec, Step } from '@/api';
import { type Command, useChecked } from '@/draft';
import type { Type } from '@/expr/type';
import type { Json } from '@/values/json';
import { Group, Settled } from '../fields/basic';
import { ParamField } from '../fields/ParamField';
import { ProblemList } from '../fields/ProblemList';
import type { Scope } from '../fields/scope';
import { under } from '../fields/scope';
import { PanelHead } from '../parts/EditorFrame';
import { editFlow } from './commands';
import { canConnect, connect, disconnect, findStep, renameStep, setParam, stepsOf, swapSources, titleStep } from './graph';
import { itemNames } from './names';

interface StepPanelProps {
  component: Component;
  flow: Dataflow & { id: string };
  step: Step & { id: string };
  spec: Spec | undefined;
  /** Type of the items that it reads, if that is known. */
  item: Type | undefined;
  languageOf: Scope['languageOf'];
  mayWrite: boolean;
  edit: (command: Command) => void;
  onRename: (to: string) => void;
  onRemove: () => void;
}

const noProblems: readonly Problem[] = [];

/** The settings of a step, made of what its kind says of itself. */
export function StepPanel({ component, flow, step, spec, item, languageOf, mayWrite, edit, onRename, onRemove }: StepPanelProps) {
  const { t } = useTranslation('flows');
  const scope = useMemo<Scope>(
    () => ({ component: component.id ?? '', names: item?.fields?.map((field) => field.name) ?? itemNames(flow, step.id, component), languageOf, mayWrite }),
    [component, flow, step.id, item, languageOf, mayWrite],
  );
  const problems = useChecked(component.id ?? '')?.problems ?? noProblems;
  const path = `dataflows/${flow.id}/steps/${step.id}`;
  const own = under(problems, path);
  const params = spec?.params ?? [];
  const elsewhere = own.filter((one) => !params.some((param) => under([one], `${path}/params/${param.name}`).length > 0));
  const name = step.title || step.id;
  return (
    <Box component="fieldset" disabled={!mayWrite} sx={{ border: 0, m: 0, p: 0, minWidth: 0 }}>
      <PanelHead
        title={spec?.title || step.type || ''}
        text={spec?.summary}
        actions={
          <Tooltip title={t('remove')}>
            <IconButton aria-label={t('removeOne', { name })} onClick={onRemove}>
              <DeleteIcon fontSize="small" />
            </IconButton>
          </Tooltip>
        }
      />
      <Box sx={{ p: 2, display: 'grid', gap: 2 }}>
        <ProblemList problems={elsewhere} />
        <TextField
          label={t('field.title')}
          value={step.title ?? ''}
          placeholder={step.id}
          onChange={(event) => edit(editFlow(flow.id, 'titleStep', (one) => titleStep(one, step.id, event.target.value), step.id, `${step.id}/title`))}
          slotProps={{ inputLabel: { shrink: true }, htmlInput: { maxLength: 200 } }}
        />
        <Settled
          key={`${step.id}/id`}
          label={t('field.id')}
          value={step.id}
          taken={(id) => (!/^[a-z0-9][a-z0-9_-]{0,59}$/.test(id) ? t('field.badId') : findStep(flow, id) !== undefined ? t('field.taken') : undefined)}
          onChange={(to) => {
            if (to === undefined) return;
            edit(editFlow(flow.id, 'renameStep', (one) => renameStep(one, step.id, to), to));
            onRename(to);
          }}
        />
        {(spec === undefined || (spec.maxSources ?? 0) > 0) && <Sources flow={flow} step={step} max={spec?.maxSources ?? 1} edit={edit} />}
        {params.map((param) => (
          <ParamField
            key={`${step.id}/${param.name}`}
            param={param}
            values={(step.params ?? {}) as Readonly<Record<string, Json>>}
            scope={scope}
            problems={own}
            path={`${path}/params`}
            onChange={(value) =>
              edit(editFlow(flow.id, 'setParam', (one) => setParam(one, step.id, param.name ?? '', value), param.title || param.name, `${step.id}/${param.name}`))
            }
          />
        ))}
      </Box>
    </Box>
  );
}

function Sources({ flow, step, max, edit }: { flow: Dataflow & { id: string }; step: Step & { id: string }; max: number; edit: (command: Command) => void }) {
  const { t } = useTranslation('flows');
  const sources = step.sources ?? [];
  const titleOf = (id: string) => findStep(flow, id)?.title || id;
  const free = stepsOf(flow).filter((one) => canConnect(flow, { source: one.id, target: step.id }, max));
  const add = (source: string) => edit(editFlow(flow.id, 'connect', (one) => connect(one, { source, target: step.id }, max), step.id));
  return (
    <Group title={t('sources')}>
      {sources.map((source, i) => (
        <Box key={source} sx={{ display: 'flex', alignItems: 'center', gap: 0.5, fontSize: '0.8125rem' }}>
          {max === 2 && <Box sx={{ color: 'text.secondary', width: 44 }}>{t(i === 0 ? 'left' : 'right')}</Box>}
          <Box sx={{ flex: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis' }}>{titleOf(source)}</Box>
          <Button
            color="inherit"
            aria-label={t('disconnectFrom', { name: titleOf(source) })}
            onClick={() => edit(editFlow(flow.id, 'disconnect', (one) => disconnect(one, { source, target: step.id }), step.id))}
          >
            {t('disconnect')}
          </Button>
        </Box>
      ))}
      {max === 2 && sources.length === 2 && (
        <Box>
          <Button startIcon={<SwapIcon />} color="inherit" onClick={() => edit(editFlow(flow.id, 'swap', (one) => swapSources(one, step.id), step.id))}>
            {t('swap')}
          </Button>
        </Box>
      )}
      {free.length > 0 && (
        <TextField select label={t(sources.length >= max ? 'readOther' : 'readAlso')} value="" onChange={(event) => add(event.target.value)}>
          {free.map((one) => (
            <MenuItem key={one.id} value={one.id}>
              {one.title || one.id}
            </MenuItem>
          ))}
        </TextField>
      )}
    </Group>
  );
}
