"""Movies of xarray's DataArrays. This package never imports xarray: the user already has."""
