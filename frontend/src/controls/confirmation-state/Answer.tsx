import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Task } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';

interface AnswerProps {
  task: Task;
  onAnswered?: () => void;
  disabled?: boolean;
}

/** Most characters of a comment, as on the server. */
const maxComment = 4000;

/** Answers a task with one of its choices, perhaps with words for the history. */
export function Answer({ task, onAnswered, disabled = false }: AnswerProps) {
  const { t } = useTranslation('controls');
  const [comment, setComment] = useState('');
  const [answer, { isLoading, error, originalArgs }] = api.useAnswerTaskMutation();
  const give = async (value: NonNullable<typeof task.choices>[number]['value']) => {
    const result = await answer({ task: task.id ?? '', body: { answer: value ?? null, comment } });
    if (result.error === undefined) onAnswered?.();
  };
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <TextField
        label={t('confirmation-state.comment')}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
        multiline
        minRows={2}
        disabled={disabled || isLoading}
        slotProps={{ htmlInput: { maxLength: maxComment } }}
      />
      <ErrorNotice error={error} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        {task.choices?.map((choice, i) => (
          <Button
            key={JSON.stringify(choice.value)}
            variant={i === 0 ? 'contained' : 'outlined'}
            disabled={disabled || isLoading}
            loading={isLoading && JSON.stringify(originalArgs?.body.answer) === JSON.stringify(choice.value ?? null)}
            onClick={() => void give(choice.value)}
          >
            {choice.label || JSON.stringify(choice.value)}
          </Button>
        ))}
      </Box>
    </Box>
  );
}
