// Package api answers programs: for now the webhooks by which mail providers tell what became of a mail.
//
// Promises, for every webhook (S-19):
//   - It is off, and its address leads nowhere, until the secret that tells its provider is configured.
//   - Nothing of a request is believed before its signature is checked, over the bytes as they came, of which there are
//     one megabyte at most. Where the provider signs a time, it is within five minutes of ours in both directions.
//   - A request that is sent again does nothing again: what is told has an id, which is kept with its effect.
//   - An answer of 2xx is given when the effect is durable; trouble of ours is a 503, and the provider tries again.
package api
