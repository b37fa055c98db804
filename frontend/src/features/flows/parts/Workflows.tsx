import WorkflowIcon from '@mui/icons-material/AccountTreeOutlined';
import { useTranslation } from 'react-i18next';
import type { Document } from '../workflow/document';
import { allNames } from '../workflow/document';
import { PartList } from './PartList';

/** The workflows of a component. */
export function Component() {
  const { t } = useTranslation('flows');
  return (
    <PartList
      kind="workflows"
      icon={<WorkflowIcon />}
      make={(id, title, component) => ({
        id,
        title,
        roles: [],
        document: {
          document: { dsl: '1.0.3', namespace: component.replaceAll('_', '-'), name: id.replaceAll('_', '-'), version: '1.0.0' },
          evaluate: { language: 'cel' },
          do: [{ begin: { set: { input: '${ input }' } } }],
        },
      })}
      describe={(workflow) => t('workflows.tasks', { count: allNames((workflow.document ?? {}) as Document).length })}
    />
  );
}
