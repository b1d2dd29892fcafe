// Package newsletters writes the letters of the publication: who may have one, what stands in an edition, when it goes
// out, and what each recipient may read of it. Package mailing carries it.
//
// Promises:
//   - Nobody is on a list whose address is not confirmed and who did not ask for it: Subscribe writes a consent with its
//     wording, and who leaves is off at once, also of an edition that is under way.
//   - A time of the schedule makes one edition, on however many nodes, also after a stop; a time that is long past
//     makes none. A day without anything to tell sends nothing.
//   - Every copy is cut by the decision of package access, asked for the standing that its recipient has when the mail
//     leaves. The archive asks it for who looks. Texts come from library.Body alone.
//   - A token of a mail does one thing: leave one newsletter, or change what its reader has. None signs in.
//   - A link of a mail leads where the edition says, or nowhere.
//   - Clicks are counted by link. Who clicked is kept only where the newsletter asks for it and the reader agreed.
package newsletters
