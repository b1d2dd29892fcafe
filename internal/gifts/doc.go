// Package gifts holds subscriptions that are given: bought at the till for somebody else, delivered on a chosen day or
// printed as a card, redeemed once by a code, never renewed. When its payment goes back, a gift is revoked.
//
// The database knows a code by its hash. The code itself is made anew from the installation's secret and the gift's
// number when a mail or a card needs it.
package gifts
