// Package groups holds seats: All-Access for several readers, bought by one of them at the till or granted by the
// publication. Whoever has a seat reads under it (access.BySeat). Seats are rows with a key, so that a group of ten has
// ten, however many join at once.
//
// Owner and managers see who has a seat and since when. Nothing here knows what anybody reads.
package groups
