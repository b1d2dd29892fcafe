package library

import "context"

// Known returns the ids of those articles that came in with one of the sources, drafts among them. Sources nobody
// came in with are left out.
func (l *Library) Known(ctx context.Context, sources []string) (map[string]int64, error) {
	drafts := make([]Draft, len(sources))
	for i, s := range sources {
		drafts[i].Source = s
	}
	have, err := l.readStored(ctx, drafts)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for i, s := range sources {
		if have[i].id != 0 {
			out[s] = have[i].id
		}
	}
	return out, nil
}
