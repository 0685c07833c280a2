using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;

namespace Coco.ControlPlane.OAuth;

/// <summary>What this server is and where its endpoints are (OpenID Connect Discovery, RFC 8414).</summary>
internal sealed class Discovery(PublicAddress address, SigningKeys keys)
{
    public Task DescribeAsync(HttpContext context)
    {
        var url = address.Url;
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return TokenEndpoints.WriteAsync(context.Response, 200, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["issuer"] = url,
            ["authorization_endpoint"] = url + "/oauth/authorize",
            ["token_endpoint"] = url + "/oauth/token",
            ["revocation_endpoint"] = url + "/oauth/revoke",
            ["introspection_endpoint"] = url + "/oauth/introspect",
            ["userinfo_endpoint"] = url + "/oauth/userinfo",
            ["jwks_uri"] = url + "/oauth/jwks",
            ["service_documentation"] = url + "/openapi/v1.json",
            ["scopes_supported"] = Scopes.All.Select(scope => scope.Name).ToArray(),
            ["response_types_supported"] = Words("code"),
            ["response_modes_supported"] = Words("query"),
            ["grant_types_supported"] = Words("authorization_code refresh_token client_credentials"),
            ["token_endpoint_auth_methods_supported"] = Words("client_secret_basic client_secret_post none"),
            ["revocation_endpoint_auth_methods_supported"] = Words("client_secret_basic client_secret_post none"),
            ["introspection_endpoint_auth_methods_supported"] = Words("client_secret_basic client_secret_post"),
            ["code_challenge_methods_supported"] = Words("S256"),
            ["authorization_response_iss_parameter_supported"] = true,
            ["subject_types_supported"] = Words("pairwise"),
            ["id_token_signing_alg_values_supported"] = Words("ES256"),
            ["claims_supported"] = Words("iss sub aud iat exp auth_time nonce at_hash email email_verified"),
            ["prompt_values_supported"] = Words("none login consent select_account"),
            ["request_parameter_supported"] = false,
            ["request_uri_parameter_supported"] = false,
        });
    }

    public async Task ShowKeysAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=300";
        await TokenEndpoints.WriteAsync(context.Response, 200, await keys.ShowAsync(context.RequestAborted));
    }

    private static string[] Words(string text) => text.Split(' ');
}
