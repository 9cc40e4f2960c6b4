"""haystack with its Whoosh engine as it comes, on the texts of the same site, to compare with."""
