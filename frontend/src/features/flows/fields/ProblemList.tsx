import Alert from '@mui/material/Alert';
import type { Problem } from '@/api';

/** Problems that belong to no field of the panel. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  return (
    <>
      {problems.map((problem, i) => (
        <Alert key={i} severity={problem.severity === 'SEVERITY_WARNING' ? 'warning' : 'error'} sx={{ py: 0.25, fontSize: '0.75rem' }}>
          {problem.message}
        </Alert>
      ))}
    </>
  );
}
