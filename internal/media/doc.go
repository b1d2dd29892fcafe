// Package media keeps the pictures of the publication, and draws the cards that stand for articles without a
// photograph where they are shared.
//
// Promises:
//   - Nothing is served as it was uploaded. A picture is recognized by its first bytes, refused by what its header
//     claims before a pixel is decoded, decoded, turned upright and encoded anew: no metadata, script or location
//     passes (SECURITY S-11).
//   - A picture is known by a hash of its upload. Putting it again changes nothing; an address never changes meaning
//     and can be cached for good.
//   - A picture that has a name is complete: its files are durable before its row is.
//   - Pictures that are decoded at the same time have, together, no more pixels than one may have, so that uploads
//     cannot take the memory of a small server.
package media
