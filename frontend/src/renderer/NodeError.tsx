import Alert from '@mui/material/Alert';
import { Component, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { PageNode } from './document';

interface NodeErrorProps {
  id: string;
  name: string;
  reason: 'missing' | 'unknownControl' | 'unknownField' | 'expression' | 'thrown';
  detail: string;
}

/** Stands in the place of a control that cannot be drawn, and says why. */
export function NodeError({ id, name, ...why }: NodeErrorProps) {
  return (
    <div className="aq-node" data-node={id} data-name={name}>
      <Alert severity="error" variant="outlined" sx={{ overflowWrap: 'anywhere' }}>
        <strong>{name}</strong>
        {/* The words are loaded when the first control fails; the page, and what is being typed, stays meanwhile. */}
        <Suspense>
          <Reason {...why} />
        </Suspense>
      </Alert>
    </div>
  );
}

function Reason({ reason, detail }: Pick<NodeErrorProps, 'reason' | 'detail'>) {
  const { t } = useTranslation('renderer');
  return <> · {t(`error.${reason}`, { detail })}</>;
}

interface BoundaryProps {
  id: string;
  node: PageNode;
  children: ReactNode;
}

/** Keeps the error of one control to itself, until the control is changed. */
export class NodeBoundary extends Component<BoundaryProps, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidUpdate(before: BoundaryProps) {
    if (before.node !== this.props.node && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render() {
    const { id, node, children } = this.props;
    if (this.state.error === undefined) return children;
    return <NodeError id={id} name={node.name} reason="thrown" detail={this.state.error.message} />;
  }
}
