// Package ads chooses what stands in the places for advertising, and counts what became of it.
//
// Promises:
//   - Whether there is advertising at all is not asked here: access.Decision.Ads says so, and it is false for everyone
//     who pays. Who does not ask for places has none.
//   - What a page is shown depends on the page and the day alone, never on who looks, so that a page many share can hold
//     it. Its alternatives stand beside it, for a script to choose among.
//   - A link leads to the address that was stored with its creative, and nowhere else.
//   - What another company wrote waits for whoever looks to ask for it, and is the text of no page: Slot.Frame leads to it.
//   - Nothing is kept of who saw or followed what: counts are by creative, place and day. How often a visitor was shown
//     a campaign today is known to their browser alone.
//   - A count is of a person, as far as can be told, and never too high where it cannot: see Seen and Follow.
package ads
