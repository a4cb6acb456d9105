// What Vite gives where a file is asked for by its address.

declare module "*?url" {
  const address: string;
  export default address;
}
