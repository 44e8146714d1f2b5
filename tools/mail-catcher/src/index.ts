export { createMailCatcher } from './catcher';
