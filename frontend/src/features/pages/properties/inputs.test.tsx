import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import type { Json } from '@/values/json';
import { show, editorOf } from '../testing';
import { nested } from '../document/testing';
import { Choice, NumberInput } from './inputs';
import { MappingEditor } from './MappingEditor';
import { Setting } from './Setting';

describe('a number', () => {
  it('is taken within its bounds only', () => {
    const change = vi.fn();
    render(<NumberInput value={5} min={1} max={12} onChange={change} />);
    const input = screen.getByRole('spinbutton');
    fireEvent.change(input, { target: { value: '13' } });
    expect(change).not.toHaveBeenCalled();
    expect(input.getAttribute('aria-invalid')).toBe('true');
    fireEvent.change(input, { target: { value: '12' } });
    expect(change).toHaveBeenLastCalledWith(12);
    fireEvent.change(input, { target: { value: '' } });
    expect(change).toHaveBeenLastCalledWith(undefined);
  });
});

describe('a choice', () => {
  it('keeps a value that is gone and says so', () => {
    render(<Choice label="Field" value="gone" none="None" options={[{ value: 'a', label: 'A' }]} unknown="There is no such field." onChange={() => undefined} />);
    expect(screen.getByLabelText<HTMLSelectElement>('Field').value).toBe('gone');
    expect(screen.getByText('There is no such field.')).toBeDefined();
  });
});

describe('a mapping', { timeout: 20_000 }, () => {
  it('gets names, values and expressions', async () => {
    const seen: (Json | undefined)[] = [];
    function Held() {
      const [value, setValue] = useState<Json | undefined>({ car: 'x' });
      seen.push(value);
      return <MappingEditor label="Input" value={value} names={['car', 'manager']} onChange={setValue} />;
    }
    await show(editorOf(nested).editor, <Held />);
    await userEvent.click(screen.getByRole('button', { name: 'Add a value' }));
    expect(seen.at(-1)).toEqual({ car: 'x', manager: { $expr: '""' } });
    await userEvent.click(screen.getByRole('button', { name: 'Expression for car' }));
    expect(seen.at(-1)).toEqual({ car: { $expr: '"x"' }, manager: { $expr: '""' } });
    const [name] = screen.getAllByLabelText('Name');
    if (name === undefined) throw new Error('no name');
    fireEvent.change(name, { target: { value: 'manager' } });
    expect(seen.at(-1)).toHaveProperty('car');
    fireEvent.change(name, { target: { value: 'vin' } });
    expect(seen.at(-1)).toEqual({ vin: { $expr: '"x"' }, manager: { $expr: '""' } });
    await userEvent.click(screen.getByRole('button', { name: 'Remove vin' }));
    await userEvent.click(screen.getByRole('button', { name: 'Remove manager' }));
    expect(seen.at(-1)).toBeUndefined();
  });
});

describe('a setting', () => {
  const spec = { kind: 'boolean', label: 'controls:visible', group: 'behaviour', default: true, bindable: true } as const;

  it('is said only when it differs from its default', async () => {
    const change = vi.fn();
    await show(editorOf(nested).editor, <Setting spec={spec} value={undefined} settings={{}} onChange={change} />);
    await userEvent.click(screen.getByRole('switch'));
    expect(change).toHaveBeenLastCalledWith(false);
  });

  it('is bound to an expression that says the same', async () => {
    const change = vi.fn();
    await show(editorOf(nested).editor, <Setting spec={spec} value={undefined} settings={{}} onChange={change} />);
    await userEvent.click(screen.getByRole('button', { name: /Expression/ }));
    expect(change).toHaveBeenLastCalledWith({ $expr: 'true' });
  });
});
