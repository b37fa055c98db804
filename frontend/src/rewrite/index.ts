export { PartPlace } from './PartPlace';
export { Told } from './Told';
export { useRewrite } from './useRewrite';
