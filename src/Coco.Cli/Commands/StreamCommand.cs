using System.CommandLine;
using System.Globalization;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco stream</c>: live media and data, from standard input or datagrams, to standard output or datagrams.</summary>
internal static class StreamCommand
{
    public static Command Make(Shell shell) => new("stream", "Publish and play live streams: what is late is dropped, not queued") { Publish(shell), Play(shell) };

    private static Command Publish(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "What the stream is called, such as camera/door" };
        var udp = new Option<string?>("--udp") { Description = "Take datagrams that come here, instead of standard input", HelpName = "ADDRESS:PORT" };
        var align = new Option<int>("--align") { Description = "Keep units of so many bytes whole: 188 for MPEG-TS", HelpName = "BYTES", DefaultValueFactory = static _ => 1 };
        var deadline = new Option<string>("--deadline") { Description = "How old data may become on its way, such as 0.5s", HelpName = "TIME", DefaultValueFactory = static _ => "0.5s" };
        var network = CommonOptions.Network(shell);
        return new Command("publish", "Publish what comes on standard input, or as datagrams, until it ends") { name, udp, align, deadline, network }
            .WithExamples("ffmpeg … -f mpegts - | coco stream publish camera/door --align 188", "coco stream publish camera/door --udp 127.0.0.1:5004")
            .Runs(shell, async invocation =>
            {
                var path = Route.To(
                    "/v1/streams", ("network", invocation.Get(network)), ("name", invocation.Need(name)), ("udp", invocation.Get(udp)),
                    ("align", invocation.Get(align).ToString(CultureInfo.InvariantCulture)),
                    ("deadline", ((int)Durations.Parse(invocation.Get(deadline)!).TotalMilliseconds).ToString(CultureInfo.InvariantCulture)));
                await using var input = invocation.Get(udp) is null ? invocation.Shell.OpenInput() : Stream.Null;
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new LiveContent(input) };
                using var response = await invocation.Daemon.SendAsync(request, invocation.Stopping);
            });
    }

    private static Command Play(Shell shell)
    {
        var node = CommonArguments.Node(shell);
        var name = new Argument<string>("NAME") { Description = "The stream" };
        var udp = new Option<string?>("--udp") { Description = "Send datagrams there, instead of writing to standard output", HelpName = "ADDRESS:PORT" };
        var network = CommonOptions.Network(shell);
        return new Command("play", "Write a stream of another node to standard output, or as datagrams, until it ends") { node, name, udp, network }
            .WithExamples("coco stream play kitchen camera/door | ffplay -", "coco stream play kitchen camera/door --udp 127.0.0.1:5004")
            .Runs(shell, async invocation =>
            {
                var path = Route.To(
                    "/v1/streams/play", ("network", invocation.Get(network)), ("node", invocation.Need(node)), ("name", invocation.Need(name)), ("udp", invocation.Get(udp)));
                using var request = new HttpRequestMessage(HttpMethod.Post, path);
                using var response = await invocation.WaitAsync($"Connecting to {invocation.Need(node)}", invocation.Daemon.SendAsync(request, invocation.Stopping));
                await using var output = invocation.Shell.OpenOutput();
                await using var input = await response.Content.ReadAsStreamAsync(invocation.Stopping);
                await input.CopyToAsync(output, invocation.Stopping);
            });
    }
}
