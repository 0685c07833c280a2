using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Coco.Cli.Api;
using Coco.Media;
using Microsoft.AspNetCore.Http.Features;

namespace Coco.Cli.Daemon;

/// <summary>Live streams: bytes of a program, or datagrams, published; and played.</summary>
internal static class StreamEndpoints
{
    private const string Track = "data";

    public static void Map(ApiRoutes routes)
    {
        routes.Raw("/v1/streams", PublishAsync);
        routes.Raw("/v1/streams/play", PlayAsync);
    }

    private static async Task PublishAsync(ApiCall call)
    {
        if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) { limit.MaxRequestBodySize = null; }
        var cut = new CutOptions { Alignment = NumberOf(call, "align", 1) };
        await using var stream = await call.Network().Node.Streams.PublishAsync(call.Need("name"));
        var track = stream.AddTrack(Track, new() { Deadline = TimeSpan.FromMilliseconds(NumberOf(call, "deadline", 500)) });
        if (call.Query("udp") is { } udp)
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            Bind(socket, AddressOf(udp));
            await track.WriteFromAsync(socket, cut, call.Aborted);
        }
        else
        {
            await track.WriteFromAsync(call.Http.Request.Body, cut, call.Aborted);
        }
        await ApiRoutes.WriteAsync(call, new Done());
    }

    private static async Task PlayAsync(ApiCall call)
    {
        var held = call.Network();
        await using var subscription = await held.Node.Streams.SubscribeAsync(Words.NodeOf(held, call.Need("node")), call.Need("name"), null, call.Aborted);
        if (call.Query("udp") is { } udp)
        {
            var target = AddressOf(udp);
            using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await subscription.SendToAsync(socket, target, null, call.Aborted);
            return;
        }
        call.Http.Response.ContentType = "application/octet-stream";
        await call.Http.Response.StartAsync(call.Aborted); // the head says that the stream is on its way
        await subscription.CopyToAsync(call.Http.Response.Body, null, call.Aborted);
    }

    private static void Bind(Socket socket, IPEndPoint address)
    {
        try
        {
            socket.Bind(address);
        }
        catch (SocketException exception)
        {
            throw exception.SocketErrorCode is SocketError.AddressAlreadyInUse
                ? ApiException.Of(CocoError.AddressUnavailable, $"{address} is in use by another program. End that one, or take another port.")
                : ApiException.Of(CocoError.Invalid, $"Nothing can be taken at {address}: {exception.Message}. It must be an address of this machine.");
        }
    }

    private static int NumberOf(ApiCall call, string name, int otherwise) =>
        call.Query(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw ApiException.Of(CocoError.Invalid, $"'{text}' is no number for {name}.");

    private static IPEndPoint AddressOf(string text) => IPEndPoint.TryParse(text, out var address) && address.Port > 0
        ? address
        : throw ApiException.Of(CocoError.Invalid, $"'{text}' is no address of datagrams. Write 127.0.0.1:5004.");
}
