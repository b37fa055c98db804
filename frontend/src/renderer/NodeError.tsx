import Alert from '@mui/material/Alert';
import { Component, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

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
  name: string;
  /** What is drawn. When one of these is another one, it is drawn anew. */
  of: readonly unknown[];
  children: ReactNode;
}

/** Keeps the error of one control to itself, until what it draws has changed. */
export class NodeBoundary extends Component<BoundaryProps, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidUpdate(before: BoundaryProps) {
    if (this.state.error !== undefined && this.props.of.some((one, i) => one !== before.of[i])) this.setState({ error: undefined });
  }

  override render() {
    const { id, name, children } = this.props;
    if (this.state.error === undefined) return children;
    return <NodeError id={id} name={name} reason="thrown" detail={this.state.error.message} />;
  }
}
