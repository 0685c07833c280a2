using System.Globalization;
using Coco.ControlPlane.Commands;

namespace Coco.ControlPlane.Certificates;

/// <summary><c>coco-control certificate</c>: the certificate that an authority gave, beside instances that may be running.</summary>
internal static class CertificateCommands
{
    private const string Usage = "certificate [renew] [--NAME VALUE]...";

    public static IReadOnlyList<Command> All { get; } =
    [
        new("certificate", "[renew]", "tells of the certificate that an authority gave (Acme), or has instances ask for the next one at once", RunAsync),
    ];

    private static async Task<int> RunAsync(CommandCall call)
    {
        if (call.Arguments is not ([] or ["renew"])) { return await call.MisusedAsync(Usage); }
        await using var database = await call.OpenDatabaseAsync();
        if (call.Arguments is [])
        {
            var states = await database.ReadAsync(static session => session.QueryAsync($"SELECT * FROM certificates ORDER BY ends DESC", CertificateStore.Read), CancellationToken.None);
            foreach (var state in states) { await TellAsync(call, state); }
            return states.Count > 0 ? EntryPoint.Done : await call.FailedAsync("No certificate was asked for yet. An instance with Acme.Domains does that when it starts.");
        }
        var isThere = await database.WriteAsync(CertificateStore.RenewAsync, CancellationToken.None);
        if (!isThere) { return await call.FailedAsync("No certificate was asked for yet. An instance with Acme.Domains does that when it starts."); }
        await call.Error.WriteLineAsync("An instance that runs asks for one within some seconds; its log tells what comes of it.");
        return EntryPoint.Done;
    }

    private static async Task TellAsync(CommandCall call, CertificateState state)
    {
        await call.Output.WriteLineAsync(state.Ends is { } ends ? string.Create(CultureInfo.InvariantCulture, $"good from {state.Begins:u} until {ends:u}, renewed from {state.Renew ?? state.Next:u} on") : "none yet");
        if (state.Problem is { } problem) { await call.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{state.Attempts} attempts failed, the next is at {state.Next:u}: {problem}")); }
    }
}
