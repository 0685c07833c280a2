using Coco.Cli.Api;
using Coco.Cli.Control;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts;
using Coco.Crypto;
using Coco.Traversal;

namespace Coco.Cli.Daemon;

/// <summary>
/// Control planes of a network: which it lists, and what they are brought of it. The daemon asks them itself, from where its nodes stand; a token comes with the
/// question and goes with it.
/// </summary>
internal static class ControlPlaneEndpoints
{
    private const int Most = 16;

    public static void Map(ApiRoutes routes)
    {
        routes.Get("/v1/control-planes", static call => Task.FromResult(ListOf(call.Network())));
        routes.Post<ControlPlaneWish, ControlPlaneList>("/v1/control-planes", AddAsync);
        routes.Delete("/v1/control-planes", RemoveAsync);
        routes.Post<RegistrationWish, RegistrationView>("/v1/control-planes/registrations", RegisterAsync);
    }

    private static async Task<ControlPlaneList> AddAsync(ApiCall call, ControlPlaneWish wish)
    {
        var held = call.Network();
        var listed = held.Node.ControlPlanes.ToList();
        foreach (var where in wish.Where)
        {
            var plane = RelayArgument.TryParse(where, out var relay)
                ? new ControlPlaneInfo(relay.Id, relay.Addresses, relay.Url)
                : await AskWhereAsync(call, OriginOf(where));
            // One that is listed already may have moved.
            listed.RemoveAll(one => one.Id == plane.Id);
            listed.Add(plane);
        }
        if (listed.Count > Most) { throw ApiException.Of(CocoError.Invalid, $"A network lists at most {Most} control planes. `coco net control remove` makes room."); }
        await held.Node.SetControlPlanesAsync(listed, call.Aborted);
        return ListOf(held);
    }

    private static async Task<ControlPlaneList> RemoveAsync(ApiCall call)
    {
        var (held, which) = (call.Network(), call.Need("which"));
        var listed = held.Node.ControlPlanes;
        var named = listed.Where(plane => IsNamed(plane, which)).ToArray();
        if (named.Length != 1)
        {
            throw named.Length == 0
                ? ApiException.Of(CocoError.NotFound, $"Network {held.NetworkName} lists no control plane {which}. `coco net control list` shows those that it lists.")
                : ApiException.Of(CocoError.Invalid, $"{named.Length} control planes are called {which}. Say which by its key.");
        }
        await held.Node.SetControlPlanesAsync([.. listed.Where(plane => plane.Id != named[0].Id)], call.Aborted);
        return ListOf(held);
    }

    private static async Task<RegistrationView> RegisterAsync(ApiCall call, RegistrationWish wish)
    {
        var held = call.Network();
        var origin = OriginOf(wish.Control);
        var done = await AskAsync(call, origin, wish.Token, client => client.RegisterAsync(held.Node, call.Aborted));
        return new(held.NetworkName, origin.GetLeftPart(UriPartial.Authority), done.IsNew, done.Statements, done.Nodes);
    }

    // Who is asked by https proves the address; what it says of its relay holds as far as that goes.
    private static async Task<ControlPlaneInfo> AskWhereAsync(ApiCall call, Uri origin)
    {
        var service = await AskAsync(call, origin, null, client => client.GetServiceAsync(call.Aborted));
        var api = origin.Scheme == "https" ? new Uri(origin.GetLeftPart(UriPartial.Authority)) : null; // others of the network are elsewhere
        if (service.Relay is { } relay && InfoOf(relay, api) is { } info) { return info; }
        throw ApiException.Of(
            CocoError.NotOffered,
            $"{origin.Host} does not say where nodes find its relay. Whoever runs it sets Relaying:Listen, and Relaying:Addresses where that is all addresses; or name the relay as ID@ADDRESS:PORT.");
    }

    private static ControlPlaneInfo? InfoOf(RelayView relay, Uri? api)
    {
        if (!NodeId.TryParse(relay.Id, out var id) || id.IsDefault) { return null; }
        var addresses = new List<NetworkAddress>();
        foreach (var text in relay.Addresses)
        {
            if (NetworkAddress.TryParse(text, out var address) && address.IsSendable) { addresses.Add(address); }
        }
        return addresses.Count > 0 || relay.Url is not null ? new(id, addresses, relay.Url, api) : null;
    }

    /// <summary>Asks a control plane, with the token of whoever asks or without.</summary>
    /// <exception cref="ApiException">It does not answer, or with a problem.</exception>
    public static async Task<T> AskAsync<T>(ApiCall call, Uri origin, string? token, Func<ControlPlaneClient, Task<T>> ask)
    {
        try
        {
            return await ControlPlaneCall.AskAsync(origin, token, call.Daemon.Time, ask);
        }
        catch (ControlPlaneException exception)
        {
            throw ApiException.Of(CodeOf(exception.Code), ControlPlaneCall.Sentence(exception, ControlPlaneCall.NetworksScope));
        }
    }

    private static CocoError CodeOf(ControlPlaneError error) => error switch
    {
        ControlPlaneError.NotFound => CocoError.NotFound,
        ControlPlaneError.Unauthenticated or ControlPlaneError.Forbidden or ControlPlaneError.InsufficientScope => CocoError.NotPermitted,
        ControlPlaneError.Unreachable or ControlPlaneError.Unavailable or ControlPlaneError.TooManyRequests => CocoError.Unreachable,
        _ => CocoError.Invalid,
    };

    /// <summary>The control plane at an address.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public static Uri OriginOf(string address)
    {
        try
        {
            return ControlPlaneCall.OriginOf(address);
        }
        catch (CommandException exception)
        {
            throw ApiException.Of(CocoError.Invalid, $"{exception.Message} A relay alone is named as ID@ADDRESS:PORT.");
        }
    }

    private static bool IsNamed(ControlPlaneInfo plane, string text) =>
        (text.Length >= 8 && plane.Id.ToString().StartsWith(text, StringComparison.Ordinal))
        || plane.Addresses.Any(address => address.ToString() == text) || plane.Url == text
        || (plane.Api is { } api && Uri.TryCreate(text, UriKind.Absolute, out var other) && api.GetLeftPart(UriPartial.Authority) == other.GetLeftPart(UriPartial.Authority));

    private static ControlPlaneList ListOf(HeldNode held) => new(
        held.NetworkName,
        [.. held.Node.ControlPlanes.Select(static plane => new ControlPlaneView(
            plane.Id.ToString(), [.. plane.Addresses.Select(static address => address.ToString())], plane.Url, plane.Api?.GetLeftPart(UriPartial.Authority)))]);
}
