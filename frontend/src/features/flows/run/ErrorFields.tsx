import Box from '@mui/material/Box';
import type { ApiError } from '@/api';

/** The fields that a refusal names. */
export function ErrorFields({ error }: { error: ApiError | undefined }) {
  if (error === undefined || error.violations.length === 0) return null;
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: '0.8125rem' }}>
      {error.violations.map((violation, i) => (
        <li key={i}>
          <code>{violation.field}</code> {violation.description}
        </li>
      ))}
    </Box>
  );
}
