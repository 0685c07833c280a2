using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Coco.Mqtt.Tests.Interop;

/// <summary>A client of others as a process of its own, ended by its id at the latest with the test.</summary>
internal sealed class ForeignClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    public ForeignClient(string program, IEnumerable<string> arguments, string directory = "")
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory,
        })!;
        _process.ErrorDataReceived += (_, line) => { lock (_errors) { _errors.AppendLine(line.Data); } };
        _process.BeginErrorReadLine();
    }

    public static ForeignClient Mosquitto(string program, MqttEdge edge, params IEnumerable<string> arguments) =>
        new(program, ["-h", "127.0.0.1", "-p", edge.End.Port.ToString(CultureInfo.InvariantCulture), .. arguments]);

    /// <summary>A mosquitto_sub that has subscribed: it has shown the retained message that its last filter is for.</summary>
    public static async Task<ForeignClient> SubscribeAsync(MqttEdge edge, params IEnumerable<string> arguments)
    {
        using (var publisher = Mosquitto("mosquitto_pub", edge, "-r", "-t", "subscribed", "-m", "subscribed")) { await publisher.EndAsync(); }
        var subscriber = Mosquitto("mosquitto_sub", edge, [.. arguments, "-t", "subscribed"]);
        while (await subscriber.ReadLineAsync() != "subscribed")
        {
        }
        return subscriber;
    }

    public StreamWriter Input => _process.StandardInput;

    /// <summary>The next line of its output; fails where there is none.</summary>
    public async Task<string> ReadLineAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} ended: {Errors}");
    }

    /// <summary>The rest of its output, once it has ended well.</summary>
    public async Task<string> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var output = await _process.StandardOutput.ReadToEndAsync(patience.Token);
        await _process.WaitForExitAsync(patience.Token);
        Assert.True(_process.ExitCode == 0, $"{_process.StartInfo.FileName}: {_process.ExitCode} {output} {Errors}");
        return output;
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(); }
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Errors
    {
        get { lock (_errors) { return _errors.ToString(); } }
    }
}
