using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.ControlPlane.Commands;

/// <summary>A command as it was typed.</summary>
/// <param name="Settings">The settings, which are fine.</param>
/// <param name="Arguments">What stood between the command and the first <c>--NAME</c>.</param>
/// <param name="Output">For results.</param>
/// <param name="Error">For what went wrong.</param>
internal sealed record CommandCall(ControlPlaneSettings Settings, IReadOnlyList<string> Arguments, TextWriter Output, TextWriter Error)
{
    /// <summary>Opens the database beside an instance that may be running.</summary>
    public Task<Database> OpenDatabaseAsync() => Database.OpenAsync(Settings.DatabaseLocation, NullLogger.Instance, DatabaseUse.Tool, CancellationToken.None);

    /// <summary>Opens the secret of the instance.</summary>
    public ServerSecret OpenSecret() => ServerSecret.Open(Settings.SecretPath, mayCreate: false);

    /// <summary>Says how the command is used.</summary>
    /// <returns>The exit code for what is not understood.</returns>
    public async Task<int> MisusedAsync(string usage)
    {
        await Error.WriteLineAsync("Usage: coco-control " + usage);
        return EntryPoint.NotUnderstood;
    }

    /// <summary>Says what went wrong.</summary>
    /// <returns>The exit code of what was tried and failed.</returns>
    public async Task<int> FailedAsync(string wrong)
    {
        await Error.WriteLineAsync("coco-control: " + wrong);
        return EntryPoint.Failed;
    }
}
