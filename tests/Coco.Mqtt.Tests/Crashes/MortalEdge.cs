using System.Diagnostics;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Crashes;

/// <summary>An edge in a process of its own (<see cref="EdgeChild"/>), which is killed and started again.</summary>
internal sealed class MortalEdge(string folder, string ticket) : IDisposable
{
    private Process? _process;
    private TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The process, while it runs.</summary>
    public int ProcessId => _process!.Id;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var self = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        string[] arguments = [EdgeChild.Argument, folder, ticket];
        _process = Process.Start(new ProcessStartInfo(self, isHost ? [typeof(EdgeChild).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        Assert.Equal("ready", await _process.StandardOutput.ReadLineAsync(cancellationToken));
        _ready.SetResult();
    }

    /// <summary>Ends it by SIGKILL, and starts it again on what it has left on its disk.</summary>
    public async Task CrashAsync(CancellationToken cancellationToken)
    {
        _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Kill();
        await StartAsync(cancellationToken);
    }

    /// <summary>A connection, as soon as it can be had.</summary>
    public async Task<RawClient> ConnectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _ready.Task.WaitAsync(cancellationToken);
            if (await RawClient.TryConnectAsync(EdgeChild.EndOf(folder), ProtocolVersion.V5) is { } client) { return client; }
        }
    }

    public void Dispose() => Kill();

    /// <summary>Ends it by SIGKILL.</summary>
    public void Kill()
    {
        if (_process is not { } process) { return; }
        _process = null;
        process.Kill(); // SIGKILL
        process.WaitForExit();
        process.Dispose();
    }
}
