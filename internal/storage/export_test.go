package storage

// Since is the condition by which ChangesSince finds what is new.
func (d *DB) Since() string { return d.since() }
