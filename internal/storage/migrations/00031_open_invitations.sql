-- +goose Up

-- A mailbox has one invitation that is open. Of several the newest stays.
UPDATE invitations SET ended = created WHERE used = 0 AND ended = 0 AND EXISTS (SELECT 1 FROM invitations n
    WHERE n.mailbox = invitations.mailbox AND n.used = 0 AND n.ended = 0 AND (n.created, n.id) > (invitations.created, invitations.id));
-- The first owner's is over where somebody works already.
UPDATE invitations SET ended = created WHERE mailbox = '' AND used = 0 AND ended = 0 AND EXISTS (SELECT 1 FROM staff);
CREATE UNIQUE INDEX invitations_open ON invitations (mailbox) WHERE used = 0 AND ended = 0;
