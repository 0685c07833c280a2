namespace Coco.Cli.Api;

/// <summary>The daemon, and what it holds.</summary>
internal sealed record StatusView(
    string Version, int ProcessId, DateTimeOffset StartedAt, string? App, IReadOnlyList<string> Addresses, string State, string Socket, string LogFile, IReadOnlyList<NetworkView> Networks);
