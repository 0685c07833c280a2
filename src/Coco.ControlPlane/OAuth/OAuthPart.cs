using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.OAuth;

/// <summary>The server of OAuth 2.1 and OpenID Connect.</summary>
internal static class OAuthPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<Codes>();
        services.AddSingleton<Clients>();
        services.AddSingleton<Grants>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<IdTokens>();
        services.AddSingleton<Authorization>();
        services.AddSingleton<TokenEndpoints>();
        services.AddSingleton<UserInfo>();
        services.AddSingleton<Discovery>();
        services.AddSingleton<Origins>();
    }

    public static void Map(ApiRoutes routes, IEndpointRouteBuilder endpoints)
    {
        ConsentOperations.Map(routes);
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<Authorization>().Map(endpoints);
        var (tokens, discovery, origins) = (services.GetRequiredService<TokenEndpoints>(), services.GetRequiredService<Discovery>(), services.GetRequiredService<Origins>());
        endpoints.MapPost("/oauth/introspect", tokens.IntrospectAsync).WithMetadata(new Door("introspect"));
        MapShared("/oauth/token", "token", tokens.TokenAsync, "POST");
        MapShared("/oauth/revoke", "revoke", tokens.RevokeAsync, "POST");
        MapShared("/oauth/userinfo", "userinfo", services.GetRequiredService<UserInfo>().AnswerAsync, "GET", "POST");
        MapShared("/oauth/jwks", "jwks", discovery.ShowKeysAsync, "GET");
        MapShared("/.well-known/openid-configuration", "discovery", discovery.DescribeAsync, "GET");
        MapShared("/.well-known/oauth-authorization-server", "discovery", discovery.DescribeAsync, "GET");

        void MapShared(string path, string name, RequestDelegate handler, params string[] methods) => endpoints.MapMethods(path, [.. methods, "OPTIONS"], async context =>
        {
            if (!await origins.ApplyAsync(context)) { await handler(context); }
        }).WithMetadata(new Door(name));
    }
}
