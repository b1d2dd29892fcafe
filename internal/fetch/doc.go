// Package fetch is the one client by which the program fetches what somebody else named: certificates, pictures,
// embeds. Whoever names an address must not reach through the program what only the program can reach (S-12).
//
// Promises, for every request and every redirect of it:
//   - https only, on any port but with a certificate valid for the name, by TLS 1.2 or later.
//   - Every address the name resolves to is checked, and one that is not of the public internet refuses the whole name.
//     The connection is made to an address that was checked: a name server that answers otherwise a second later (DNS
//     rebinding) changes nothing.
//   - No proxy of the environment, no cookies, no credentials, at most 3 redirects, 5 MB and 10 seconds.
package fetch
