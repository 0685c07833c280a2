namespace Coco.Cli.Api;

/// <summary>A role for a user.</summary>
internal sealed record RoleWish(string Who, string Role);
